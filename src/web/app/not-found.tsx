import { Stack, Text } from '@mantine/core';
import { AnchorLink } from '../components/links';
import { PageHeading } from '../components/page-heading';

/** For an address that no page has. */
export function NotFoundPage() {
  return (
    <Stack>
      <PageHeading>Page not found</PageHeading>
      <Text>There is no page at this address. It may have been deleted, or the address is mistyped.</Text>
      <AnchorLink to="/">Go to the list of syncs</AnchorLink>
    </Stack>
  );
}
