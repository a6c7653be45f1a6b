import { Alert, Button, List, Stack, Text } from '@mantine/core';
import { IconFilterOff } from '@tabler/icons-react';
import { filterColumns } from '../../../../domain/filter';
import { counted, formatNumber } from '../../../lib/format';
import { type Preview, useExamples } from '../api';
import { frequentValues, valuesInWords } from '../lib/frequent-values';
import { useEditor } from '../state/editor-context';
import classes from './notice.module.css';

/** Where the filter lets nothing through: which of its conditions do not, and what their columns hold instead. */
export function PreviewEmpty({ preview: { filter: findings } }: { preview: Preview }) {
  const { goTo } = useEditor();
  return (
    <Alert
      color="yellow"
      classNames={{ title: classes.title }}
      icon={<IconFilterOff aria-hidden />}
      title="No record matches the filter"
    >
      <Stack gap="xs" align="flex-start">
        {findings.length > 0 ? <Findings findings={findings} /> : <OfExamples />}
        <Button size="compact-sm" onClick={() => void goTo('filter')}>
          Change the filter
        </Button>
      </Stack>
    </Alert>
  );
}

type Findings = Preview['filter'];

function Findings({ findings }: { findings: Findings }) {
  const isNoneAlone = findings.every(({ holds }) => holds > 0);
  return (
    <>
      <List size="sm" spacing={4} style={{ overflowWrap: 'anywhere' }}>
        {findings.map(({ text, holds, of, columns }) => (
          <List.Item key={text}>
            <b>{text}</b>: holds for {formatNumber(holds)} of {counted(of, 'record')}.
            {holds === 0 &&
              columns.map(({ column, label, values }) => (
                <Text key={column} size="sm">
                  What {label} holds most often: {valuesInWords(values)}.
                </Text>
              ))}
          </List.Item>
        ))}
      </List>
      {isNoneAlone && <Text size="sm">Each condition holds for some records, but no record meets all of them.</Text>}
    </>
  );
}

const MOST_VALUES = 5;

/** Where the source has filtered by itself, the examples alone tell what its columns hold. */
function OfExamples() {
  const { form, asDraft, source } = useEditor();
  const { data: examples = [] } = useExamples(form.source);
  const { filter } = asDraft.draft;
  const columns = filter ? filterColumns(filter) : [];
  const known = columns.flatMap((column) => {
    const values = frequentValues(examples, column).slice(0, MOST_VALUES);
    const label = source.object?.fields.find(({ name }) => name === column)?.label ?? column;
    return values.length > 0 ? [{ column, label, values }] : [];
  });
  return (
    <>
      <Text size="sm">Check the values of its conditions.</Text>
      {known.map(({ column, label, values }) => (
        <Text key={column} size="sm" style={{ overflowWrap: 'anywhere' }}>
          {label} in {counted(examples.length, 'example record')}: {valuesInWords(values)}.
        </Text>
      ))}
    </>
  );
}
