import { Center, Modal, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { Loading } from '../../../components/loading';
import { ProblemAlert } from '../../../components/problem-alert';
import { onSignedOut } from '../../../lib/api';
import { useSession } from '../api';
import SignInPage from '../pages/sign-in';
import { SignInForm } from './sign-in-form';

/**
 * Shows the pages to whom is signed in, and the sign-in to everybody else. When a session ends under a page, the sign-in lies over it, so
 * that nothing typed is lost; what was being done goes on afterwards.
 */
export function SessionGate({ children }: { children: ReactNode }) {
  const { data: session, error, isPending, refetch } = useSession();
  const { isAsking, signedIn } = useSignInAgain();

  if (isPending) {
    return (
      <Center component="main" mih="60vh">
        <Loading>Opening Sync</Loading>
      </Center>
    );
  }
  if (error) {
    return (
      <Center component="main" mih="60vh" p="md">
        <ProblemAlert problem={error} onRetry={() => void refetch()} />
      </Center>
    );
  }
  if (session === null) return <SignInPage />;
  return (
    <>
      {children}
      <Modal
        opened={isAsking}
        onClose={() => undefined}
        withCloseButton={false}
        closeOnEscape={false}
        closeOnClickOutside={false}
        title="Sign in again"
        centered
        zIndex={1000}
      >
        <Text size="sm" mb="md">
          Your session has ended. What you have entered is still on the page, and goes on once you have signed in.
        </Text>
        <SignInForm onSignedIn={signedIn} />
      </Modal>
    </>
  );
}

/** Calls that find the session ended wait here, until the person has signed in again. */
function useSignInAgain() {
  const [isAsking, setIsAsking] = useState(false);
  const waiting = useRef<(() => void)[]>([]);
  const queries = useQueryClient();

  useEffect(() => {
    onSignedOut(() => {
      setIsAsking(true);
      return new Promise((resolve) => waiting.current.push(resolve));
    });
  }, []);

  const signedIn = useCallback(() => {
    setIsAsking(false);
    for (const goOn of waiting.current.splice(0)) goOn();
    void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
  }, [queries]);

  return { isAsking, signedIn };
}
