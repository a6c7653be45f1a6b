/** Names under which a service on this machine is reached; any other in `Host` is a web page that tries its luck. */
const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** Whether nobody but this machine reaches what listens there. @param name as a setting or a URL has it */
export const isLoopback = (name: string): boolean => /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/i.test(name);

/**
 * Whether a `Host` header is answered: that of the public address, where it listens, and loopback. Ports do not matter, since a
 * container or a tunnel may map them, and a foreign page cannot choose the name.
 */
export function hostCheck({ publicUrl, host }: { publicUrl: string; host: string }) {
  const names = new Set([...LOOPBACK, host.toLowerCase(), new URL(publicUrl).hostname]);
  return (header: string | undefined): boolean => {
    const url = `http://${header ?? ''}`;
    return (
      header !== undefined && /^[\w.:[\]-]+$/.test(header) && URL.canParse(url) && names.has(new URL(url).hostname)
    );
  };
}
