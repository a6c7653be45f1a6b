import { Button, Group, Text } from '@mantine/core';
import { IconArrowLeft, IconArrowRight } from '@tabler/icons-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useStickyRoom } from '../../../lib/use-sticky-room';
import { STEPS } from '../lib/steps';
import { messageAt, useEditor } from '../state/editor-context';
import { focusFirstError } from './error-summary';
import classes from './page-end.module.css';

interface PageEndProps {
  /** The word on the button that leads on; *Next* as a rule. */
  next?: string;
  /** What is still to be done on the page, each in a few words: `fix 2 problems`. */
  missing: readonly string[];
  /** What that is needed for, where it is not the way on: `To activate`. */
  neededFor?: string;
  /** Further buttons before *Next*. */
  children?: ReactNode;
}

/** The end of a page: back, and *Next*, which says what is missing before it leads on. */
export function PageEnd({ next = 'Next', missing, neededFor = 'To continue', children }: PageEndProps) {
  const editor = useEditor();
  const [isGoing, setIsGoing] = useState(false);
  const at = STEPS.indexOf(editor.step);
  const before = STEPS[at - 1];
  const after = STEPS[at + 1];
  const isBlocked = missing.length > 0;
  const go = async () => {
    if (isBlocked || !after) {
      editor.setTried();
      focusFirstError();
      return;
    }
    setIsGoing(true);
    await editor.goTo(after);
    setIsGoing(false);
  };
  useNextKey(go);
  const bar = useStickyRoom('--sync-way-on-room');
  return (
    <Group ref={bar} justify="space-between" mt="lg" gap="sm" align="center" className={classes.end}>
      {before ? (
        <Button
          variant="default"
          leftSection={<IconArrowLeft size={16} aria-hidden />}
          onClick={() => void editor.goTo(before)}
        >
          Back
        </Button>
      ) : (
        <span />
      )}
      <Group gap="sm" justify="flex-end">
        {isBlocked && (
          <Text size="sm" c="dimmed" id="next-reason">
            {neededFor}: {missing.join(', ')}
          </Text>
        )}
        <SaveChanges />
        {children}
        {after && (
          <Button
            rightSection={<IconArrowRight size={16} aria-hidden />}
            loading={isGoing}
            aria-disabled={isBlocked || undefined}
            data-disabled={isBlocked || undefined}
            aria-describedby={isBlocked ? 'next-reason' : undefined}
            onClick={() => void go()}
          >
            {next}
          </Button>
        )}
      </Group>
    </Group>
  );
}

/** Of a sync that runs, changes are saved when one says so. What stands against it is told at the head of the page. */
function SaveChanges() {
  const { save, saving, problems, setTried, isLive, isChanged } = useEditor();
  const [isSaved, setSaved] = useState(false);
  if (!isLive) return null;
  if (!isChanged) return isSaved ? <Text size="sm">The changes are saved.</Text> : null;
  const isBlocked = problems.length > 0;
  const saveIfRight = async () => {
    if (!isBlocked) return setSaved((await save()) !== null);
    setTried();
    focusFirstError();
  };
  return (
    <Button
      loading={saving.state === 'saving'}
      aria-disabled={isBlocked || undefined}
      data-disabled={isBlocked || undefined}
      aria-describedby={isBlocked ? 'save-reason' : undefined}
      onClick={() => void saveIfRight()}
    >
      Save changes
    </Button>
  );
}

/** Ctrl or Cmd with Enter is *Next*. */
function useNextKey(go: () => Promise<void>): void {
  const latest = useRef(go);
  latest.current = go;
  useEffect(() => {
    const onKey = ({ key, ctrlKey, metaKey, target }: KeyboardEvent) => {
      // a dialog over the page has a next step of its own
      const isOfPage = !(target instanceof Element && target.closest('[role="dialog"]'));
      if (isOfPage && key === 'Enter' && (ctrlKey || metaKey)) void latest.current();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}

/**
 * The message for a field of the form: what the server has said, and what is wrong with what was entered, at once; what is missing after
 * *Next* was tried.
 */
export function useMessage(): (path: string, isEntered?: boolean) => string | undefined {
  const { told, problems, isTried } = useEditor();
  return (path, isEntered = false) => messageAt({ told, problems: isTried || isEntered ? problems : [] }, path);
}
