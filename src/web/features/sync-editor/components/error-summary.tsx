import { Alert, Anchor, List } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { problemsToTell, STEP_TITLES } from '../lib/steps';
import { useEditor } from '../state/editor-context';

const ID = 'error-summary';

/** The point of a list stands beside the first line of what it is for. */
const FIRST_LINE = { verticalAlign: 'top' } as const;

/** Leads to where a problem is mended. */
export function ProblemLink({ onFollow, children }: { onFollow(): void; children: ReactNode }) {
  return (
    <Anchor component="button" type="button" size="sm" ta="left" style={FIRST_LINE} onClick={onFollow}>
      {children}
    </Anchor>
  );
}

/** The problems of this page at its top, and those of the pages before it, each a link to where it is mended; after the way on was tried. */
export function ErrorSummary() {
  const editor = useEditor();
  const { here, elsewhere } = problemsToTell(editor.step, editor.told, editor.isTried ? editor.problems : []);
  if (here.length === 0 && elsewhere.length === 0) return null;
  return (
    <Alert
      id={ID}
      role="alert"
      color="red"
      icon={<IconAlertTriangle aria-hidden />}
      title="Some things need to be fixed first"
    >
      <List size="sm" spacing={6}>
        {here.map(({ path, message }) => (
          <List.Item key={`${path} ${message}`}>
            <ProblemLink onFollow={() => focusOn(path)}>{message}</ProblemLink>
          </List.Item>
        ))}
        {elsewhere.map(({ step, words }) => (
          <List.Item key={step}>
            <ProblemLink
              onFollow={() => {
                // there each is told beside its field
                editor.setTried(step);
                void editor.goTo(step);
              }}
            >
              {STEP_TITLES[step]}: {words}
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

/** Once the page has shown its messages: to the first wrong field, else to what is wrong on other pages. */
export function focusFirstError(): void {
  setTimeout(() => {
    const first = document.querySelector<HTMLElement>('[aria-invalid="true"]');
    (first ?? document.querySelector<HTMLElement>(`#${ID} button, #save-reason`))?.focus();
  });
}
