import { Alert, Anchor, Button, Group, List, Text } from '@mantine/core';
import { IconAlertTriangle, IconArrowLeft, IconArrowRight } from '@tabler/icons-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { problemsByStep, STEP_TITLES, STEPS } from '../lib/steps';
import { messageAt, useEditor } from '../state/editor-context';
import classes from './page-end.module.css';

interface PageEndProps {
  /** The word on the button that leads on; *Next* as a rule. */
  next?: string;
  /** What the page still needs, in a few words. */
  missing: readonly string[];
  /** What that is needed for, where it is not the way on. */
  neededFor?: string;
  /** Further buttons before *Next*. */
  children?: ReactNode;
}

/** The end of a page: back, and *Next*, which says what is missing before it leads on. */
export function PageEnd({ next = 'Next', missing, neededFor, children }: PageEndProps) {
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
  return (
    <Group justify="space-between" mt="lg" gap="sm" align="center" className={classes.end}>
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
            {neededFor ? `Needed ${neededFor}` : 'Still needed'}: {missing.join(', ')}
          </Text>
        )}
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

/** After the page has shown its messages. */
function focusFirstError(): void {
  setTimeout(() => document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}

/** The point of a list stands beside the first line of what it is for. */
const FIRST_LINE = { verticalAlign: 'top' } as const;

/** Leads to where a problem is mended. */
function ProblemLink({ onFollow, children }: { onFollow(): void; children: ReactNode }) {
  return (
    <Anchor component="button" type="button" size="sm" ta="left" style={FIRST_LINE} onClick={onFollow}>
      {children}
    </Anchor>
  );
}

/** The problems of this page at its top, each a link to where it is mended; after *Next* was tried. */
export function ErrorSummary() {
  const editor = useEditor();
  const all = [...editor.told, ...(editor.isTried ? editor.problems : [])];
  const here = problemsByStep(all)[editor.step];
  const elsewhere = STEPS.filter((step) => step !== editor.step && problemsByStep(editor.told)[step].length > 0);
  if (here.length === 0 && elsewhere.length === 0) return null;
  return (
    <Alert
      role="alert"
      color="red"
      icon={<IconAlertTriangle aria-hidden />}
      title="Some things have to be mended first"
    >
      <List size="sm" spacing={6}>
        {here.map(({ path, message }) => (
          <List.Item key={`${path} ${message}`}>
            <ProblemLink onFollow={() => focusOn(path)}>{message}</ProblemLink>
          </List.Item>
        ))}
        {elsewhere.map((step) => (
          <List.Item key={step}>
            <ProblemLink onFollow={() => void editor.goTo(step)}>
              {STEP_TITLES[step]}:{' '}
              {problemsByStep(editor.told)
                [step].map(({ message }) => message)
                .join(' ')}
            </ProblemLink>
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

/** The field of a path, or of what it lies within, has it as `data-path`. */
function focusOn(path: string): void {
  for (let place = path; place !== ''; place = place.replace(/(^[^.[]+|\.[^.[\]]+|\[\d+\])$/, '')) {
    const field = document.querySelector<HTMLElement>(`[data-path="${CSS.escape(place)}"]`);
    const target = field?.matches('input,button,textarea,select')
      ? field
      : field?.querySelector<HTMLElement>('input,button,textarea');
    if (target) {
      target.focus();
      target.scrollIntoView({ block: 'center' });
      return;
    }
  }
}

/**
 * The message for a field of the form: what the server has said, and what is wrong with what was entered, at once; what is missing after
 * *Next* was tried.
 */
export function useMessage(): (path: string, isEntered?: boolean) => string | undefined {
  const { told, problems, isTried } = useEditor();
  return (path, isEntered = false) => messageAt({ told, problems: isTried || isEntered ? problems : [] }, path);
}
