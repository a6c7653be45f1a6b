import { Group, Text } from '@mantine/core';
import { IconAlertTriangle, IconCloudCheck, IconCloudUp } from '@tabler/icons-react';
import { AnchorLink } from '../../../components/links';
import { PageHeading } from '../../../components/page-heading';
import { STEP_TITLES, STEPS } from '../lib/steps';
import { useEditor } from '../state/editor-context';
import { EditedStatus } from './edited-status';
import classes from './notice.module.css';

/** Which of the five pages this is, of which sync, and whether what was typed is saved. */
export function EditorHeading() {
  const { step, form, saved } = useEditor();
  const name = form.name.trim();
  const title = `${STEP_TITLES[step]} · ${name === '' ? 'New sync' : name}`;
  return (
    <Group justify="space-between" align="flex-end" gap="xs">
      <div>
        <Group gap="xs">
          <Text size="sm" c="dimmed">
            {saved && saved.status !== 'draft' && name !== '' ? (
              <AnchorLink to="/syncs/$syncId" params={{ syncId: saved.id }} size="sm" underline="always">
                {name}
              </AnchorLink>
            ) : (
              name || 'New sync'
            )}{' '}
            · Page {STEPS.indexOf(step) + 1} of {STEPS.length}
          </Text>
          {saved && saved.status !== 'draft' && <EditedStatus saved={saved} />}
        </Group>
        {/* another page is another heading, which takes the focus */}
        <PageHeading key={step} title={title}>
          {STEP_TITLES[step]}
        </PageHeading>
      </div>
      <SavedMark />
    </Group>
  );
}

/** Says in a few words where what was entered is. Only what was never activated is a draft. */
function SavedMark() {
  const { saving, saved, form, asDraft, isLive, isChanged } = useEditor();
  const name = form.name.trim();
  const [Icon, text] = (() => {
    if (saving.conflict || saving.state === 'failed') return [IconAlertTriangle, 'Not saved; kept in this browser'];
    if (name === '') {
      return saved
        ? [IconAlertTriangle, 'Not saved: the sync has no name; kept in this browser']
        : [IconCloudUp, 'Saved as soon as the sync has a name'];
    }
    if (isLive && isChanged) return [IconCloudUp, 'Changes not saved yet; kept in this browser'];
    if (saving.state !== 'saved' || !saved) return [IconCloudUp, 'Saving…'];
    const words =
      saved.status === 'draft' ? 'Draft saved' : isLive ? 'Saved; takes effect with the next execution' : 'Saved';
    const rest = asDraft.unfinished.length > 0 ? '; unfinished parts are kept in this browser' : '';
    return [IconCloudCheck, `${words}${rest}`];
  })();
  return (
    <Group gap={6} role="status" wrap="nowrap">
      <Icon size={16} className={classes.icon} aria-hidden />
      <Text size="sm" c="dimmed">
        {text}
      </Text>
    </Group>
  );
}
