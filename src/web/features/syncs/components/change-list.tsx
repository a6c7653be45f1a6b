import { List, Text } from '@mantine/core';
import type { Change } from '../lib/definition-changes';
import classes from './versions.module.css';

/** What is different between two versions of a definition. */
export function ChangeList({ changes }: { changes: readonly Change[] }) {
  if (changes.length === 0) return <Text size="sm">No differences.</Text>;
  return (
    <List size="sm">
      {changes.map((change) => (
        <List.Item key={change.key} className={classes.change}>
          <ChangeInWords change={change} />
        </List.Item>
      ))}
    </List>
  );
}

const ChangeInWords = ({ change: { label, before, after } }: { change: Change }) => (
  <>
    <b>{label}</b>
    {before !== null && (
      <>
        {after === null ? ' removed: ' : ' was '}
        <del>{before}</del>
      </>
    )}
    {after !== null && (
      <>
        {before === null ? ' added: ' : ', is now '}
        <ins>{after}</ins>
      </>
    )}
  </>
);
