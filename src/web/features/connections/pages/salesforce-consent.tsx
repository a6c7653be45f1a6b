import { Stack, Text } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useAnnounce } from '../../../components/announcer';
import { AnchorLink } from '../../../components/links';
import { Loading } from '../../../components/loading';
import { PageHeading } from '../../../components/page-heading';
import { ProblemAlert } from '../../../components/problem-alert';
import { useConsentGiven } from '../api';

/** Where Salesforce sends people back to: stores the connection that they have allowed, or says why there is none. */
export default function SalesforceConsentPage() {
  const { state, code } = useSearch({ from: '/connections/salesforce' });
  const given = state !== undefined && code !== undefined ? { state, code } : null;
  const { data: connection, error } = useConsentGiven(given);
  const navigate = useNavigate();
  const announce = useAnnounce();
  useEffect(() => {
    if (!connection) return;
    announce(`${connection.name} is connected.`);
    void navigate({ to: '/connections', replace: true });
  }, [connection, announce, navigate]);
  return (
    <Stack>
      <PageHeading>Connect with Salesforce</PageHeading>
      {given && !error && <Loading>Saving the connection</Loading>}
      {error && <ProblemAlert problem={error} title="The connection could not be saved" />}
      {!given && <Text>You did not allow access on Salesforce's page, so nothing was connected.</Text>}
      {(error || !given) && <AnchorLink to="/connections">Back to the connections</AnchorLink>}
    </Stack>
  );
}
