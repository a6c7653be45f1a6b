import { Divider, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useNamesakes } from '../api';
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
  const nameField = useRef<HTMLInputElement>(null);
  const [isNaming, setNaming] = useState(false);
  const proposal = useProposedName(isNaming, nameField);
  const [asked, setAsked] = useState('');
  const isProposed = form.name !== '' && form.name === proposal;
  useLayoutEffect(() => {
    // put in just before the focus came: what is only proposed is written over
    if (isProposed && document.activeElement === nameField.current) nameField.current?.select();
  }, [isProposed]);
  return (
    <Stack gap="lg">
      <ErrorSummary />
      <EndChoice end="source" />
      <TextInput
        ref={nameField}
        label="Name"
        description="How the sync is called in the list."
        required
        maxLength={200}
        value={form.name}
        onFocus={({ currentTarget }) => {
          setNaming(true);
          if (isProposed) currentTarget.select();
        }}
        onChange={({ currentTarget: { value } }) => change({ name: value })}
        onBlur={() => {
          setNaming(false);
          setAsked(form.name.trim());
        }}
        error={messageAt('name')}
        data-path="name"
      />
      <Namesakes asked={asked} />
      <Textarea
        label="Description"
        description="Optional: what it is for, whom to ask. Lists, **bold**, `code` and links are shown as in Markdown."
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

/** Two syncs of one name are allowed, and hard to tell apart. */
function Namesakes({ asked }: { asked: string }) {
  const { form, saved } = useEditor();
  const { data: others = 0 } = useNamesakes(asked, saved?.id);
  if (others === 0 || asked !== form.name.trim()) return null;
  return (
    <Text size="sm" role="status" c="light-dark(var(--mantine-color-orange-9), var(--mantine-color-orange-3))" mt={-12}>
      Another sync has this name. With a name of its own it is told apart more easily.
    </Text>
  );
}

/**
 * Fills the name in from what was chosen, until somebody writes another one.
 * @param isNaming somebody is in the field: what they write must not be put behind a proposal that comes just then
 * @param field has the focus a moment before `isNaming` tells it
 */
function useProposedName(isNaming: boolean, field: RefObject<HTMLInputElement | null>): string | null {
  const { form, change, source, destination } = useEditor();
  const proposal = proposedName(source, destination);
  const before = useRef(proposal);
  const isOurs = form.name === '' || form.name === before.current;
  useEffect(() => {
    if (proposal === null || proposal === before.current) return;
    if (isNaming || document.activeElement === field.current) return;
    if (isOurs) change({ name: proposal });
    before.current = proposal;
  }, [isNaming, field, proposal, isOurs, change]);
  return proposal;
}
