import { Alert, Center, Paper, Stack, Text } from '@mantine/core';
import { PageHeading } from '../../../components/page-heading';
import { SignInForm } from '../components/sign-in-form';

/** What the server adds to the address when a one-time link did not work. */
const DID_LINK_FAIL = new URLSearchParams(window.location.search).get('link') === 'ended';

/** For people who are not signed in, whatever page they wanted: that one follows. */
export default function SignInPage() {
  return (
    <Center component="main" mih="100vh" p="md">
      <Paper withBorder p="xl" w="100%" maw={440} shadow="sm">
        <Stack>
          <PageHeading title="Sign in">Sign in to Sync</PageHeading>
          <Text size="sm">Moves records between Marketo and Salesforce.</Text>
          {DID_LINK_FAIL && (
            <Alert color="yellow" role="status" title="This sign-in link has ended">
              Each link works once, for ten minutes. Start Sync again for a new one, or sign in with an API key.
            </Alert>
          )}
          <SignInForm />
        </Stack>
      </Paper>
    </Center>
  );
}
