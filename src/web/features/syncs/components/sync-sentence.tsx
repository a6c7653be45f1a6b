import { Text } from '@mantine/core';
import { useConnections } from '../../connections/api';
import { useObjectOf } from '../../connections/names';
import { syncInWords } from '../../sync-editor/lib/sentence';
import type { Sync } from '../api';

/** What a sync does, in one sentence. */
export function SyncSentence({ sync }: { sync: Sync }) {
  const { data: connections } = useConnections();
  const objectOf = useObjectOf([sync.source, sync.destination]);
  const endOf = (end: Sync['source']) => ({
    connection: connections?.find(({ id }) => id === end?.connectionId)?.name ?? null,
    object: objectOf(end),
    objectName: end?.object ?? null,
  });
  const parts = syncInWords(sync, endOf(sync.source), endOf(sync.destination), sync);
  return (
    <Text>
      {parts.map(({ text, kind }, index) => (
        <Text
          // biome-ignore lint/suspicious/noArrayIndexKey: parts of a sentence have no names, and stay in their places
          key={`${index} ${text}`}
          span
          inherit
          fw={kind === 'name' ? 650 : undefined}
          c={kind === 'missing' ? 'dimmed' : undefined}
        >
          {text}
        </Text>
      ))}
    </Text>
  );
}
