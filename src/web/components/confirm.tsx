import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from 'react';

export interface Question {
  /** What is asked, such as *Delete this sync?* */
  title: string;
  /** What follows, in plain words. */
  text: ReactNode;
  /** The word on the button that does it, such as *Delete*. */
  action: string;
  /** The word on the button that does nothing; *Keep as it is* unless told. */
  refusal?: string;
  /** Another way to go on from here; the question counts as answered with no. */
  also?: { label: string; run(): void };
  /** It cannot be taken back. */
  isDangerous?: boolean;
}

type Ask = (question: Question) => Promise<boolean>;

const Context = createContext<Ask>(() => Promise.resolve(false));

/** Asks the person before something is done; true when they say so. The focus returns to where it was. */
export const useConfirm = (): Ask => useContext(Context);

/** Shows the question of `useConfirm`. */
export function ConfirmProvider({ children }: { children: ReactNode }) {
  const [question, setQuestion] = useState<Question | null>(null);
  const [isOpen, setIsOpen] = useState(false);
  const settle = useRef<(yes: boolean) => void>(() => undefined);
  const ask = useCallback<Ask>((asked) => {
    setQuestion(asked);
    setIsOpen(true);
    return new Promise((resolve) => {
      settle.current = resolve;
    });
  }, []);
  const answer = (yes: boolean) => {
    setIsOpen(false);
    settle.current(yes);
  };
  return (
    <Context.Provider value={ask}>
      {children}
      <Modal
        opened={isOpen}
        onClose={() => answer(false)}
        title={question?.title}
        centered
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Stack>
          <Text size="sm" component="div">
            {question?.text}
          </Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={() => answer(false)} data-autofocus>
              {question?.refusal ?? 'Keep as it is'}
            </Button>
            {question?.also && (
              <Button
                variant="default"
                onClick={() => {
                  answer(false);
                  question.also?.run();
                }}
              >
                {question.also.label}
              </Button>
            )}
            <Button color={question?.isDangerous ? 'red' : 'blue'} onClick={() => answer(true)}>
              {question?.action}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </Context.Provider>
  );
}
