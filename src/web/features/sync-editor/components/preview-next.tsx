import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { IconFlask, IconPlayerPlay } from '@tabler/icons-react';
import { useConfirm } from '../../../components/confirm';
import { ProblemAlert } from '../../../components/problem-alert';
import { counted } from '../../../lib/format';
import { applyPreview, type Preview } from '../api';
import { takenAsTheyAre } from '../lib/unchecked-rows';
import { useEditor } from '../state/editor-context';
import { useActivation } from '../state/use-activation';

const FIRST_RECORDS = 50;

interface PreviewNextProps {
  preview: Preview;
  /** Why its figures hold no more; null where they do. */
  outdated: string | null;
}

/** What can be done with a preview besides going on to the schedule. */
export function PreviewNext({ preview, outdated }: PreviewNextProps) {
  const { isLive } = useEditor();
  if (isLive) return null;
  return (
    <Paper withBorder p="md">
      <Title order={2} size="h4" mb="sm">
        What next
      </Title>
      <Stack gap="md">
        <ApplyAsSeen preview={preview} outdated={outdated} />
        <TryFirst />
        <Text size="sm">Or click Next to choose when and how often it runs.</Text>
      </Stack>
    </Paper>
  );
}

function ApplyAsSeen({ preview, outdated }: PreviewNextProps) {
  const { goTo, saved, isChanged, form } = useEditor();
  const { activate, isBusy, problem } = useActivation();
  const confirm = useConfirm();
  const { create, update, refuse } = preview.plan;
  const isOfThisVersion = preview.version === saved?.version && !isChanged;
  const reason = whyNot(preview, outdated ?? (isOfThisVersion ? null : 'the sync was saved again'));
  const apply = async () => {
    if (reason !== null) return;
    const isMeant = await confirm({
      title: 'Apply the preview as seen?',
      text: `${counted(create, 'record')} will be created and ${counted(update, 'record')} updated right away${refuse > 0 ? `; ${counted(refuse, 'record')} will be refused` : ''}. Records that have changed since the preview are left as they are, and listed. ${takenAsTheyAre(form.mappings) ?? ''}`.trim(),
      action: 'Apply preview',
    });
    if (!isMeant) return;
    const isActive = await activate(async () => {
      await applyPreview(preview.id);
      return true;
    });
    if (isActive) await goTo('schedule');
  };
  return (
    <div>
      {problem ? <ProblemAlert problem={problem} title="The preview could not be applied" /> : null}
      <Group gap="sm">
        <Button
          variant="default"
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          loading={isBusy}
          aria-disabled={reason !== null || undefined}
          data-disabled={reason !== null || undefined}
          aria-describedby="apply-effect"
          onClick={() => void apply()}
        >
          Apply preview as seen
        </Button>
        <Text size="sm" id="apply-effect">
          {reason ?? 'Runs once, right away, and writes exactly what is shown here; no schedule is needed.'}
        </Text>
      </Group>
    </div>
  );
}

/** What stands against applying a preview; null where nothing does. */
function whyNot({ exact, plan }: Preview, outdated: string | null): string | null {
  if (outdated) return `The preview is outdated, since ${outdated}: preview again first.`;
  if (!exact) return 'The preview is a sample: read all records first (full dry run).';
  return plan.create + plan.update === 0 ? 'Nothing would be written.' : null;
}

function TryFirst() {
  const { form, change, goTo } = useEditor();
  const tries = form.firstRun !== null;
  return (
    <Group gap="sm">
      <Button
        variant="default"
        leftSection={<IconFlask size={16} aria-hidden />}
        aria-describedby="try-effect"
        onClick={() => {
          if (!tries) change({ firstRun: { records: FIRST_RECORDS } });
          void goTo('schedule');
        }}
      >
        Try the first {form.firstRun?.records ?? FIRST_RECORDS}
      </Button>
      <Text size="sm" id="try-effect">
        The first run loads only these, then waits until you have checked them. You choose on the next page when it
        starts.
      </Text>
    </Group>
  );
}
