import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import { counted } from '../../../lib/format';
import { ChangeList } from '../../syncs/components/change-list';
import { changesBetween } from '../../syncs/lib/definition-changes';
import { useWording } from '../../syncs/wording';
import { useScheduleInWords } from '../api';
import { asEdited } from '../lib/merge-drafts';
import { useEditor } from '../state/editor-context';
import type { Saved } from '../state/use-saving';

const MOST_NAMED = 6;

/** Names what differs from the version that is saved; how, is told on demand. */
export function UnsavedChanges() {
  const { saved } = useEditor();
  return saved && <ChangesSince saved={saved} />;
}

function ChangesSince({ saved }: { saved: Saved }) {
  const { asDraft } = useEditor();
  const [isOpen, setIsOpen] = useState(false);
  const before = asEdited(saved.draft);
  const after = asDraft.draft;
  const textBefore = useScheduleInWords(before.schedule).data?.text ?? null;
  const textAfter = useScheduleInWords(after.schedule).data?.text ?? null;
  const versions = [
    { definition: before, scheduleText: textBefore },
    { definition: after, scheduleText: textAfter },
  ] as const;
  const changes = changesBetween(...versions, useWording(versions));
  if (changes.length === 0) return null;
  const labels = changes.slice(0, MOST_NAMED).map(({ label }) => label);
  const rest = changes.length - labels.length;
  return (
    <>
      <Text size="sm">
        Changed: <b>{labels.join(', ')}</b>
        {rest > 0 && ` and ${counted(rest, 'other')}`}.
      </Text>
      {isOpen && <ChangeList changes={changes} />}
      <Button size="xs" variant="default" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
        {isOpen ? 'Hide the changes' : 'Show what changed'}
      </Button>
    </>
  );
}
