/** Under this name answers, the audit and the log know who uses the key of the settings; programs may look for it. */
export const KEY_OF_SETTINGS = 'SYNC_API_KEY';

/** The name of a key, for people. */
export const whoInWords = (name: string): string => (name === KEY_OF_SETTINGS ? 'the built-in administrator' : name);
