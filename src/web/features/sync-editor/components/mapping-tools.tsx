import { ActionIcon, Button, Group, Text, Tooltip } from '@mantine/core';
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconChevronLeft,
  IconChevronRight,
  IconRefresh,
  IconWand,
} from '@tabler/icons-react';
import { isConsent } from '../../../../domain/suggest-mappings';
import { ProblemAlert } from '../../../components/problem-alert';
import { counted } from '../../../lib/format';
import { useEditor } from '../state/editor-context';
import type { MappingRows } from '../state/use-mapping-rows';
import { CopyMappings } from './copy-mappings';
import { MappingFile } from './mapping-file';

/** What is done with all mappings at once, and what came of it. */
export function MappingTools({ rows }: { rows: MappingRows }) {
  const { form, source, destination } = useEditor();
  const mapped = new Set(form.mappings.map(({ to }) => to));
  const consent = (destination.object?.fields ?? [])
    .filter((field) => isConsent(field) && (field.createable || field.updateable) && !mapped.has(field.name))
    .map(({ label }) => label);
  const unsure = form.mappings.filter(({ confidence }) => confidence === 'likely').length;
  return (
    <>
      <Group gap="xs">
        <Button
          variant="default"
          size="xs"
          loading={rows.isSuggesting}
          leftSection={<IconWand size={14} aria-hidden />}
          onClick={() => void rows.suggest()}
        >
          Suggest mappings
        </Button>
        {unsure > 0 && (
          <Button variant="default" size="xs" onClick={rows.confirmAll}>
            Confirm all suggestions
          </Button>
        )}
        <Button
          variant="default"
          size="xs"
          leftSection={<IconRefresh size={14} aria-hidden />}
          loading={source.isLoading || destination.isLoading}
          onClick={() => void rows.refreshFields()}
        >
          Refresh fields
        </Button>
        <UndoRedo />
        <CopyMappings rows={rows} />
        <MappingFile rows={rows} />
      </Group>
      <Text size="sm" c="dimmed" role="status">
        {unsure > 0
          ? `${unsure} of ${counted(form.mappings.length, 'mapping')} ${unsure === 1 ? 'is a suggestion' : 'are suggestions'} to check. They are used as they stand unless you change or remove them; confirming one removes its mark, and changes nothing else. Activating the sync confirms those that are left. `
          : ''}
        {rows.told}
        {consent.length > 0 &&
          (rows.told !== '' || unsure > 0) &&
          ` Consent fields are never suggested, since they decide who may be written to; map them yourself if you mean to: ${consent.join(', ')}.`}
      </Text>
      {rows.problem ? (
        <ProblemAlert problem={rows.problem} title="Nothing could be suggested" onRetry={() => void rows.suggest()} />
      ) : null}
    </>
  );
}

function UndoRedo() {
  const { undo, redo } = useEditor();
  const steps = [
    { name: 'Undo', step: undo, Icon: IconArrowBackUp },
    { name: 'Redo', step: redo, Icon: IconArrowForwardUp },
  ];
  return (
    <Group gap={4}>
      {steps.map(({ name, step, Icon }) => (
        <Tooltip key={name} label={name}>
          <ActionIcon
            variant="default"
            size={30}
            aria-label={name}
            // stays in reach of the keyboard when there is nothing more to do
            aria-disabled={step === null || undefined}
            data-disabled={step === null || undefined}
            onClick={() => step?.()}
          >
            <Icon size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      ))}
    </Group>
  );
}

interface ExampleStepsProps {
  count: number;
  isAsking: boolean;
  /** Which one is shown, from 0. */
  at: number;
  /** The sync has a filter, which examples are taken without. */
  isFiltered: boolean;
  onStep(step: 1 | -1): void;
}

/** Goes through the examples, one record at a time. */
export function ExampleSteps({ count, isAsking, at, isFiltered, onStep }: ExampleStepsProps) {
  if (count === 0) {
    return (
      <Text size="sm" c="dimmed">
        {isAsking ? 'Asking for examples…' : 'No examples are available for this object.'}
      </Text>
    );
  }
  return (
    <Group gap={4} wrap="nowrap">
      <ActionIcon variant="default" aria-label="Previous example" onClick={() => onStep(-1)}>
        <IconChevronLeft size={16} aria-hidden />
      </ActionIcon>
      <Text size="sm" aria-live="polite">
        Example {at + 1} of {count}
        {isFiltered && ' (source records before the filter)'}
      </Text>
      <ActionIcon variant="default" aria-label="Next example" onClick={() => onStep(1)}>
        <IconChevronRight size={16} aria-hidden />
      </ActionIcon>
    </Group>
  );
}
