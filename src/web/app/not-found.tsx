import { Anchor, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { PageHeading } from '../components/page-heading';

/** For an address that no page has. */
export function NotFoundPage() {
  return (
    <Stack>
      <PageHeading>Page not found</PageHeading>
      <Text>There is no page at this address. It may have been deleted, or the address is mistyped.</Text>
      <Anchor component={Link} to="/">
        Go to the list of syncs
      </Anchor>
    </Stack>
  );
}
