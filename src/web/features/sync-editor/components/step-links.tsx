import { Group, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconCircleDashed, IconCircleDot } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { problemsByStep, STEP_TITLES, STEPS, type Step } from '../lib/steps';
import type { SyncForm } from '../lib/sync-form';
import { useEditor } from '../state/editor-context';
import { useLatestPreview } from '../state/use-latest-preview';
import classes from './step-links.module.css';

/** The five pages as links, each with its state in words. */
export function StepLinks() {
  const editor = useEditor();
  const problems = problemsByStep([...editor.problems, ...editor.told]);
  const { preview, isOutdated } = useLatestPreview(editor.saved);
  // it has applied its preview
  const hasRunWithout = editor.form.schedule.type === '' && (editor.saved?.status ?? 'draft') !== 'draft';
  return (
    <nav aria-label="Pages of the sync">
      <Group component="ol" className={classes.steps} gap={0} wrap="nowrap">
        {STEPS.map((step, index) => {
          const isHere = step === editor.step;
          const isPreviewed = preview?.state === 'completed' && !isOutdated;
          const isDone = (step === 'preview' && isPreviewed) || (step === 'schedule' && hasRunWithout);
          const known = isDone ? 'done' : stateOf(step, editor.form, problems[step].length);
          const state = isHere ? 'here' : known;
          const { icon: Icon, words } = LOOKS[state];
          return (
            <li key={step} className={classes.step} data-here={isHere || undefined}>
              <StepLink step={step}>
                <Icon size={18} aria-hidden />
                <span className={classes.words}>
                  <Text component="span" size="sm" fw={500} display="block">
                    {index + 1}. {STEP_TITLES[step]}
                  </Text>
                  <Text component="span" size="xs" c="dimmed" display="block">
                    {words}
                  </Text>
                </span>
              </StepLink>
            </li>
          );
        })}
      </Group>
    </nav>
  );
}

/** Leads to a page once the sync is saved, which gives it an address. */
function StepLink({ step, children }: { step: Step; children: ReactNode }) {
  const editor = useEditor();
  const isHere = step === editor.step;
  const current = isHere ? ('step' as const) : undefined;
  if (!editor.saved) {
    return (
      <span className={classes.link} aria-current={current} data-disabled={!isHere || undefined}>
        {children}
      </span>
    );
  }
  return (
    <Link
      to="/syncs/$syncId/edit/$step"
      params={{ syncId: editor.saved.id, step }}
      className={classes.link}
      aria-current={current}
    >
      {children}
    </Link>
  );
}

const LOOKS = {
  here: { icon: IconCircleDot, words: 'You are here' },
  done: { icon: IconCircleCheck, words: 'Done' },
  open: { icon: IconCircleDashed, words: 'Not begun' },
  errors: { icon: IconAlertTriangle, words: 'Needs a look' },
  optional: { icon: IconCircleDashed, words: 'Optional' },
} as const;

function stateOf(step: Step, form: SyncForm, problems: number): keyof typeof LOOKS {
  const isBegun = {
    basics: form.name !== '' || form.source.connectionId !== '',
    mappings: form.mappings.length > 0,
    filter: form.filter !== null,
    preview: false,
    schedule: form.schedule.type !== '',
  }[step];
  if (step === 'preview' || (step === 'filter' && !isBegun)) return 'optional';
  if (!isBegun) return 'open';
  return problems > 0 ? 'errors' : 'done';
}
