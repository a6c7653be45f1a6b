import { Button, Group, Stack, Text } from '@mantine/core';
import { IconCircleCheck, IconPencil } from '@tabler/icons-react';
import { useRef } from 'react';
import { useConfirm } from '../../../components/confirm';
import { ButtonLink } from '../../../components/links';
import { ProblemAlert } from '../../../components/problem-alert';
import type { Cause, Execution } from '../api';
import { type Remedy, useChangeMapping, useRemedy } from '../remedy';

const ICON = { flex: 'none' } as const;

/** How a cause is mended in the mapping of its field: by the usual change, where there is one, or on the page of mappings. */
export function CauseRemedy({ execution, cause }: { execution: Execution; cause: Cause }) {
  const remedy = useRemedy(execution, cause);
  return remedy && <Mending remedy={remedy} isDue={cause.due > 0} />;
}

interface MendingProps {
  remedy: Remedy;
  /** Records of the cause are still to be tried again. */
  isDue: boolean;
}

function Mending({ remedy: { sync, label, index, since, fix }, isDue }: MendingProps) {
  const change = useChangeMapping();
  const confirm = useConfirm();
  const buttons = useRef<HTMLDivElement>(null);
  const mend = async ({ label: what, mapping }: NonNullable<Remedy['fix']>) => {
    const title = `${what}?`;
    const text = `This changes the mapping of ${label}. It takes effect with the next execution, and when you try records again. What was loaded already stays as it is.`;
    if (!(await confirm({ title, text, action: 'Change the mapping' }))) return;
    // its button goes, and what comes next stands in its place
    const goOn = () => requestAnimationFrame(() => buttons.current?.querySelector<HTMLElement>('button, a')?.focus());
    change.mutate({ sync, index, mapping }, { onSuccess: goOn });
  };
  return (
    <Stack gap={4}>
      <ProblemAlert problem={change.error} title="The mapping could not be changed" />
      <Group gap={6} role="status" wrap="nowrap">
        {isDue && since?.kind === 'mended' && (
          <>
            <IconCircleCheck size={16} style={ICON} aria-hidden />
            <Text size="sm" fw={600}>
              “{since.by}” was applied to {label}. Now try the records again.
            </Text>
          </>
        )}
        {isDue && since?.kind === 'changed' && (
          <>
            <IconPencil size={16} style={ICON} aria-hidden />
            <Text size="sm" fw={600}>
              The mapping of {label} has changed since. Try the records again to see whether that helps.
            </Text>
          </>
        )}
      </Group>
      <Group gap="xs" ref={buttons}>
        {fix && (
          <Button size="xs" variant="light" loading={change.isPending} onClick={() => void mend(fix)}>
            {fix.label}
            <span className="visually-hidden">: {label}</span>
          </Button>
        )}
        <ButtonLink
          to="/syncs/$syncId/edit/$step"
          params={{ syncId: sync.id, step: 'mappings' }}
          {...(index < 0 ? {} : { hash: `rows.saved-${index}` })}
          size="xs"
          variant="default"
        >
          {index < 0 ? `Add a mapping for ${label}` : `Change the mapping of ${label}`}
        </ButtonLink>
      </Group>
    </Stack>
  );
}
