import { useConnections } from './api';

interface Endpoint {
  connectionId: string;
  object: string;
}

/** Puts an end of a sync into words: `Contact in Demo Salesforce`; the name comes as soon as connections are loaded. */
export function useEndInWords(): (end: Endpoint | undefined) => string {
  const { data: connections } = useConnections();
  return (end) => {
    if (!end) return 'not chosen yet';
    const name = connections?.find(({ id }) => id === end.connectionId)?.name;
    return name === undefined ? end.object : `${end.object} in ${name}`;
  };
}
