import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { Announcer } from '../components/announcer';
import { ConfirmProvider } from '../components/confirm';
import { SessionGate } from '../features/session/components/session-gate';
import { ApiProblem } from '../lib/api';
import { cspNonce } from '../lib/nonce';
import { router } from './router';
import { cssVariables, theme } from './theme';

const MOST_ATTEMPTS = 3;

const isPassing = (error: unknown): boolean => error instanceof ApiProblem && error.isPassing;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      // the browser's idea of the network says nothing of a service on this machine
      networkMode: 'always',
      retry: (attempts, error) => isPassing(error) && attempts < MOST_ATTEMPTS,
    },
    mutations: { networkMode: 'always' },
  },
});

/** The whole application: look, data, who is signed in, and the page of the address. */
export function App() {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={cspNonce}
    >
      <QueryClientProvider client={queries}>
        <ConfirmProvider>
          <Announcer>
            <SessionGate>
              <RouterProvider router={router} />
            </SessionGate>
          </Announcer>
        </ConfirmProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
