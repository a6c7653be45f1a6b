import { Accordion, Radio, Stack, Switch } from '@mantine/core';
import { useEditor } from '../state/editor-context';

/** Salesforce has assignment rules for these alone (`Sforce-Auto-Assign`). */
const ASSIGNED: readonly string[] = ['Case', 'Lead'];

/** What is set rarely: blank values, and the rules of Salesforce. */
export function AdvancedOptions() {
  const { form, change, destination } = useEditor();
  return (
    <Accordion variant="contained" chevronPosition="left">
      <Accordion.Item value="advanced">
        <Accordion.Control>Advanced</Accordion.Control>
        <Accordion.Panel>
          <Stack gap="md">
            <Radio.Group
              label="Blank values"
              description="What a blank of the source does to a value of the destination. A mapping may say otherwise."
              value={form.blankValues}
              onChange={(blankValues) => change({ blankValues: blankValues === 'clear' ? 'clear' : 'keep' })}
            >
              <Stack gap="xs" mt="xs">
                <Radio value="keep" label="Keep what the destination has" />
                <Radio value="clear" label="Clear it in the destination as well" />
              </Stack>
            </Radio.Group>
            {destination.connection?.kind === 'salesforce' && (
              <>
                {(form.salesforce.assignmentRules || ASSIGNED.includes(form.destination.object)) && (
                  <Switch
                    label="Let the assignment rules of Salesforce run"
                    checked={form.salesforce.assignmentRules}
                    onChange={({ currentTarget: { checked } }) =>
                      change({ salesforce: { ...form.salesforce, assignmentRules: checked } })
                    }
                  />
                )}
                <Switch
                  label="Save a record although a duplicate rule warns of it"
                  description="Where a rule forbids it, the record fails either way."
                  checked={form.salesforce.allowDuplicates}
                  onChange={({ currentTarget: { checked } }) =>
                    change({ salesforce: { ...form.salesforce, allowDuplicates: checked } })
                  }
                />
              </>
            )}
          </Stack>
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}
