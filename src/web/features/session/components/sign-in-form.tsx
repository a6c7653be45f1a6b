import { Anchor, Button, PasswordInput, Stack, Text } from '@mantine/core';
import { type FormEvent, useRef, useState } from 'react';
import { ProblemAlert } from '../../../components/problem-alert';
import { ApiProblem } from '../../../lib/api';
import { useSignIn } from '../api';

/** Takes an API key and signs in. */
export function SignInForm({ onSignedIn }: { onSignedIn?: () => void }) {
  const [key, setKey] = useState('');
  const [missing, setMissing] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const signIn = useSignIn();
  const isRefused = signIn.error instanceof ApiProblem && signIn.error.status === 401;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    // what is pasted often has a line's end
    const apiKey = key.trim();
    setMissing(apiKey === '');
    if (apiKey === '') return field.current?.focus();
    if (signIn.isPending) return;
    signIn.mutate(apiKey, { onSuccess: () => onSignedIn?.(), onError: () => field.current?.focus() });
  };

  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {signIn.error && !isRefused ? <ProblemAlert problem={signIn.error} title="Signing in did not work" /> : null}
        <PasswordInput
          ref={field}
          label="API key"
          description="On this machine it is in the file that npm start names. Otherwise ask an administrator for one."
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
          error={
            missing
              ? 'Enter an API key.'
              : isRefused
                ? 'This API key is wrong, was revoked, or has expired. Check it and try again.'
                : null
          }
          autoComplete="current-password"
          required
          withAsterisk={false}
          visibilityToggleButtonProps={{ 'aria-label': 'Show or hide what is entered' }}
        />
        <Button type="submit" loading={signIn.isPending}>
          Sign in
        </Button>
        <Text size="sm" c="dimmed">
          The{' '}
          <Anchor href="/docs" underline="always">
            API documents
          </Anchor>{' '}
          need no sign-in.
        </Text>
      </Stack>
    </form>
  );
}
