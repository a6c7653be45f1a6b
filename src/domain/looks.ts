/**
 * What the audit calls a look at records: at what became of them, with their match keys (`records`), or also at what their fields hold
 * (`values`), as it is shown or in a file.
 */
export const LOOKS = ['records.show', 'records.download', 'values.show', 'values.download'] as const;
