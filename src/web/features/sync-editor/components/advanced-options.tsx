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
              description="What happens to a value in the destination when the source is blank. Each mapping can differ."
              value={form.blankValues}
              onChange={(blankValues) => change({ blankValues: blankValues === 'clear' ? 'clear' : 'keep' })}
            >
              <Stack gap="xs" mt="xs">
                <Radio value="keep" label="Keep the value in the destination" />
                <Radio value="clear" label="Clear the value in the destination" />
              </Stack>
            </Radio.Group>
            {destination.connection?.kind === 'salesforce' && (
              <>
                {(form.salesforce.assignmentRules || ASSIGNED.includes(form.destination.object)) && (
                  <Switch
                    label="Run the assignment rules of Salesforce"
                    checked={form.salesforce.assignmentRules}
                    onChange={({ currentTarget: { checked } }) =>
                      change({ salesforce: { ...form.salesforce, assignmentRules: checked } })
                    }
                  />
                )}
                <Switch
                  label="Save records even if a duplicate rule warns about them"
                  description="If a rule blocks a record, it fails either way."
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
