import { Accordion, Group, Stack, Switch } from '@mantine/core';
import { useEditor } from '../state/editor-context';
import { useMessage } from './page-end';
import { FilledNumber, WholeNumber } from './whole-number';

/** When a run stops by itself, and a first run of a few records. */
export function RunLimits() {
  const { form, change } = useEditor();
  const messageAt = useMessage();
  const { stopAfterFailures: stop, firstRun } = form;
  return (
    // what is set is seen
    <Accordion
      variant="contained"
      chevronPosition="left"
      defaultValue={stop !== null || firstRun !== null ? 'advanced' : null}
    >
      <Accordion.Item value="advanced">
        <Accordion.Control>Advanced</Accordion.Control>
        <Accordion.Panel>
          <Stack gap="md">
            <Switch
              label="Stop a run when too many records fail"
              checked={stop !== null}
              onChange={({ currentTarget: { checked } }) =>
                change({ stopAfterFailures: checked ? { percent: 5, of: 1_000 } : null })
              }
            />
            {stop && (
              <Group align="flex-start">
                <FilledNumber
                  label="Percent of failed records"
                  min={0}
                  max={100}
                  value={stop.percent}
                  onChange={(percent) => change({ stopAfterFailures: { ...stop, percent } })}
                  error={messageAt('stopAfterFailures.percent', true)}
                  data-path="stopAfterFailures.percent"
                />
                <WholeNumber
                  label="Counted over this many records"
                  value={stop.of}
                  onChange={(of) => change({ stopAfterFailures: { ...stop, of } })}
                  error={messageAt('stopAfterFailures.of', true)}
                  data-path="stopAfterFailures.of"
                />
              </Group>
            )}
            <Switch
              label="Let the first run load only a few records, then wait for your approval"
              checked={firstRun !== null}
              onChange={({ currentTarget: { checked } }) => change({ firstRun: checked ? { records: 50 } : null })}
            />
            {firstRun && (
              <WholeNumber
                label="Records of the first run"
                w={220}
                value={firstRun.records}
                onChange={(records) => change({ firstRun: { records } })}
                error={messageAt('firstRun', true)}
                data-path="firstRun"
              />
            )}
          </Stack>
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}
