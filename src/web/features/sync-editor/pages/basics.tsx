import { Divider, Stack, Textarea, TextInput } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { AdvancedOptions } from '../components/advanced-options';
import { DeduplicateChoice } from '../components/deduplicate-choice';
import { EndChoice } from '../components/end-choice';
import { ImportRuleChoice } from '../components/import-rule-choice';
import { MatchChoice } from '../components/match-choice';
import { ErrorSummary, PageEnd, useMessage } from '../components/page-end';
import { proposedName } from '../lib/proposed-name';
import { missingBasics } from '../lib/steps';
import { useEditor } from '../state/editor-context';

/** Page 1: where data comes from, how it is handled, and where it is sent. */
export default function BasicsPage() {
  const editor = useEditor();
  const { form, change } = editor;
  const messageAt = useMessage();
  const proposal = useProposedName();
  return (
    <Stack gap="lg">
      <ErrorSummary />
      <EndChoice end="source" />
      <TextInput
        label="Name"
        description="How the sync is called in the list."
        required
        maxLength={200}
        value={form.name}
        onFocus={({ currentTarget }) => {
          // what is only proposed is written over
          if (form.name === proposal) currentTarget.select();
        }}
        onChange={({ currentTarget: { value } }) => change({ name: value })}
        error={messageAt('name')}
        data-path="name"
      />
      <Textarea
        label="Description"
        description="Optional: what it is for, whom to ask."
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
      <PageEnd missing={missingBasics(form).map(({ label }) => label)} />
    </Stack>
  );
}

/** Fills the name in from what was chosen, until somebody writes another one. */
function useProposedName(): string | null {
  const { form, change, source, destination } = useEditor();
  const proposal = proposedName(source, destination);
  const before = useRef(proposal);
  const isOurs = form.name === '' || form.name === before.current;
  useEffect(() => {
    if (proposal === null || proposal === before.current) return;
    if (isOurs) change({ name: proposal });
    before.current = proposal;
  }, [proposal, isOurs, change]);
  return proposal;
}
