import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react';
import { Fragment } from 'react';
import type { DraftDefinition } from '../../../../domain/definition';
import { useConfirm } from '../../../components/confirm';
import { ProblemAlert } from '../../../components/problem-alert';
import { counted } from '../../../lib/format';
import { fallenAway, fallenAwayInWords } from '../lib/fallen-away';
import { STEP_TITLES, stepsToMend } from '../lib/steps';
import { useEditor } from '../state/editor-context';
import { ProblemLink } from './error-summary';
import classes from './notice.module.css';
import { UnsavedChanges } from './unsaved-changes';

/** What stands in the way of saving, and what an earlier change has made invalid. */
export function SavingNotices() {
  const { saving, save, isLive, isChanged } = useEditor();
  return (
    <>
      {saving.conflict && <ConflictNotice />}
      {saving.problem ? (
        <ProblemAlert problem={saving.problem} title="The sync is not saved" onRetry={() => void save()} />
      ) : null}
      <NamelessNotice />
      {isLive && isChanged && <LiveNotice />}
      <FallenAwayNotice />
    </>
  );
}

/** Two windows, or two people: nothing is lost, and the person decides. */
function ConflictNotice() {
  const { saving } = useEditor();
  const members = saving.conflict?.members.map((member) => WORDS[member]).join(', ');
  return (
    <Alert
      role="alert"
      color="yellow"
      classNames={{ title: classes.title }}
      icon={<IconAlertTriangle aria-hidden />}
      title="Someone else has changed this sync in the meantime"
    >
      <Stack gap="xs" align="flex-start">
        <Text size="sm">
          A newer version was saved, in another window or by another person, that also changes {members}. Nothing is
          lost: what you have entered is still here.
        </Text>
        <Group gap="xs">
          <Button size="xs" onClick={() => saving.settle('ours')}>
            Keep mine
          </Button>
          <Button size="xs" variant="default" onClick={() => saving.settle('theirs')}>
            Take theirs
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}

const WORDS: Record<keyof DraftDefinition, string> = {
  name: 'the name',
  description: 'the description',
  source: 'the source',
  destination: 'the destination',
  match: 'the match fields',
  deduplicate: 'the deduplicate rule',
  importRule: 'the import rule',
  blankValues: 'the handling of blank values',
  salesforce: 'the Salesforce rules',
  mappings: 'the mappings',
  filter: 'the filter',
  schedule: 'the schedule',
  records: 'the records of each run',
  stopAfterFailures: 'when a run stops by itself',
  firstRun: 'the first run',
};

/** Without a name nothing can be saved. The first page says so beside its field. */
function NamelessNotice() {
  const { saved, form, step, goTo } = useEditor();
  if (!saved || form.name.trim() !== '' || step === 'basics') return null;
  return (
    <Alert
      role="alert"
      color="yellow"
      classNames={{ title: classes.title }}
      icon={<IconAlertTriangle aria-hidden />}
      title="The sync has no name"
    >
      <Group justify="space-between" gap="xs">
        <Text size="sm">Nothing is saved until it has one. Until then, what you enter is kept in this browser.</Text>
        <Button size="xs" variant="default" onClick={() => void goTo('basics')}>
          Give the sync a name
        </Button>
      </Group>
    </Alert>
  );
}

/** Of a sync that runs, changes are not saved by themselves. */
function LiveNotice() {
  const { problems, discard } = useEditor();
  const confirm = useConfirm();
  const discardIfMeant = async () => {
    const isMeant = await confirm({
      title: 'Discard the changes?',
      text: 'Changes that are not saved are lost. The sync stays as it was last saved.',
      action: 'Discard',
      isDangerous: true,
    });
    if (isMeant) discard();
  };
  return (
    <Alert color="blue" icon={<IconInfoCircle aria-hidden />} title="These changes are not saved yet">
      <Stack gap="xs" align="flex-start">
        <Text size="sm">
          The sync is active: your changes take effect with the next execution, once you save them with{' '}
          <i>Save changes</i> at the end of the page. Until then they are kept in this browser.
        </Text>
        <UnsavedChanges />
        {problems.length > 0 && <SaveReason />}
        <Button size="xs" variant="default" onClick={() => void discardIfMeant()}>
          Discard changes
        </Button>
      </Stack>
    </Alert>
  );
}

/** Why the changes cannot be saved as they are, and where that is mended. */
function SaveReason() {
  const { problems, step: here, setTried, goTo } = useEditor();
  return (
    <Text size="sm" id="save-reason" component="div" tabIndex={-1}>
      To save them, fix{' '}
      {stepsToMend(problems).map(({ step, count }, index) => (
        <Fragment key={step}>
          {index > 0 && ', '}
          {counted(count, 'problem')} on{' '}
          {step === here ? (
            'this page'
          ) : (
            <ProblemLink
              onFollow={() => {
                setTried(step);
                void goTo(step);
              }}
            >
              {STEP_TITLES[step]}
            </ProblemLink>
          )}
        </Fragment>
      ))}
    </Text>
  );
}

/** After a change of object: what was kept and no longer fits. */
function FallenAwayNotice() {
  const { form, source, destination } = useEditor();
  const words = fallenAwayInWords(
    fallenAway(form, source.object, destination.object),
    source.object?.label ?? '',
    destination.object?.label ?? '',
  );
  if (words.length === 0) return null;
  return (
    <Alert
      color="yellow"
      classNames={{ title: classes.title }}
      icon={<IconAlertTriangle aria-hidden />}
      title="Some parts no longer fit"
    >
      {words.map((sentence) => (
        <Text size="sm" key={sentence}>
          {sentence}
        </Text>
      ))}
      <Text size="sm">Fix or remove them on their pages, or choose the previous object again.</Text>
    </Alert>
  );
}
