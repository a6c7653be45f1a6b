import { Divider, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { KeptRoom } from '../../../components/kept-room';
import { afterPress } from '../../../lib/after-press';
import { useNamesakes } from '../api';
import { AdvancedOptions } from '../components/advanced-options';
import { DeduplicateChoice } from '../components/deduplicate-choice';
import { EndChoice } from '../components/end-choice';
import { ErrorSummary } from '../components/error-summary';
import { ImportRuleChoice } from '../components/import-rule-choice';
import { MatchChoice } from '../components/match-choice';
import { PageEnd, useMessage } from '../components/page-end';
import { proposedName } from '../lib/proposed-name';
import { missingBasics } from '../lib/steps';
import { useEditor } from '../state/editor-context';

/** Page 1: where data comes from, how it is handled, and where it is sent. */
export default function BasicsPage() {
  const editor = useEditor();
  const { form, change } = editor;
  const messageAt = useMessage();
  const proposing = useProposedName();
  const [asked, setAsked] = useState('');
  const missing = missingBasics(form).map(({ label }) => label);
  return (
    <Stack gap="lg">
      <ErrorSummary />
      <EndChoice end="source" />
      <Stack gap={4}>
        <TextInput
          {...proposing}
          label="Name"
          description="The name shown in the list of syncs."
          required
          maxLength={200}
          value={form.name}
          onChange={({ currentTarget: { value } }) => change({ name: value })}
          onBlur={() => afterPress(() => setAsked(form.name.trim()))}
          // nothing more of a saved sync is saved without it
          error={messageAt('name', editor.saved !== null)}
          data-path="name"
        />
        <KeptRoom lines={1} narrowLines={2}>
          <Namesakes asked={asked} />
        </KeptRoom>
      </Stack>
      <Textarea
        label="Description"
        description="Optional: what the sync is for, and who to ask about it. Markdown works: lists, **bold**, `code` and links."
        autosize
        minRows={1}
        maxRows={8}
        value={form.description}
        onChange={({ currentTarget: { value } }) => change({ description: value })}
        error={messageAt('description')}
        data-path="description"
      />
      <Divider />
      <DeduplicateChoice />
      <ImportRuleChoice />
      <Divider />
      <EndChoice end="destination" />
      <MatchChoice />
      <AdvancedOptions />
      <PageEnd missing={missing.length > 0 ? [`fill in ${missing.join(', ')}`] : []} />
    </Stack>
  );
}

/** Two syncs of one name are allowed, and hard to tell apart. */
function Namesakes({ asked }: { asked: string }) {
  const { form, saved } = useEditor();
  const { data: others = 0 } = useNamesakes(asked, saved?.id);
  if (others === 0 || asked !== form.name.trim()) return null;
  return (
    <Text size="sm" role="status" c="var(--sync-color-warning)">
      Another sync already has this name. A different name makes them easier to tell apart.
    </Text>
  );
}

/**
 * Fills the name in from what was chosen, until somebody writes another one. What it has put in is selected as soon as the field has the
 * focus, whichever comes first, so that what is typed takes its place.
 * @returns what the field of the name takes over
 */
function useProposedName() {
  const { change, source, destination, saved } = useEditor();
  // of a saved sync a name that is missing was taken away by somebody
  const isNew = saved === null;
  const ref = useRef<HTMLInputElement>(null);
  const proposal = proposedName(source, destination);
  const [putIn, setPutIn] = useState(proposal);
  useEffect(() => {
    if (proposal === null || proposal === putIn) return;
    // somebody may have typed since this was rendered
    change(({ name }) => ({ name: (name === '' && isNew) || name === putIn ? proposal : name }));
    setPutIn(proposal);
  }, [proposal, putIn, change, isNew]);
  const select = useCallback(() => {
    if (ref.current?.value === putIn) ref.current?.select();
  }, [putIn]);
  useLayoutEffect(() => {
    if (document.activeElement === ref.current) select();
  }, [select]);
  return { ref, onFocus: select };
}
