import { AppShell, Box, Button, Container, Group, Menu, Text, useMantineColorScheme } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChevronDown, IconUserCircle } from '@tabler/icons-react';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { whoInWords } from '../../domain/key-of-settings';
import { ServiceState } from '../components/service-state';
import { useSession, useSignOut } from '../features/session/api';
import { capitalised } from '../lib/format';
import { useHashFocus } from '../lib/use-hash-focus';
import { Keys } from './keys';
import classes from './layout.module.css';

const NAVIGATION = [
  { to: '/', label: 'Syncs' },
  { to: '/connections', label: 'Connections' },
] as const;

/** What is around each page: where one can go, who is signed in, and whether Sync works. */
export function Layout() {
  const { pathname } = useLocation();
  useHashFocus();
  const [areKeysShown, { open: showKeys, close: hideKeys }] = useDisclosure();
  return (
    <AppShell header={{ height: 56 }} padding={0}>
      <a href="#content" className={`skip-link ${classes.skip}`}>
        Skip to the content
      </a>
      <AppShell.Header component="header">
        <Container size="xl" h="100%" px={{ base: 'sm', sm: 'md' }}>
          <Group h="100%" justify="space-between" wrap="nowrap" gap="xs">
            <Group component="nav" aria-label="Main" wrap="nowrap" gap={4} h="100%">
              <Text component="span" fw={750} size="lg" mr="xs" className={classes.brand}>
                Sync
              </Text>
              {NAVIGATION.map(({ to, label }) => {
                const isHere = to === '/' ? !pathname.startsWith('/connections') : pathname.startsWith(to);
                return (
                  <Link key={to} to={to} className={classes.link} aria-current={isHere ? 'page' : undefined}>
                    {label}
                  </Link>
                );
              })}
            </Group>
            <PersonMenu onShowKeys={showKeys} />
          </Group>
        </Container>
      </AppShell.Header>
      <AppShell.Main>
        <Container size="xl" px={{ base: 'sm', sm: 'md' }} py={{ base: 'md', sm: 'lg' }} id="content" tabIndex={-1}>
          <ServiceState />
          <Outlet />
        </Container>
      </AppShell.Main>
      <Keys isOpen={areKeysShown} onOpen={showKeys} onClose={hideKeys} />
    </AppShell>
  );
}

const SCHEMES = [
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
  { value: 'auto', label: 'Same as the system' },
] as const;

function PersonMenu({ onShowKeys }: { onShowKeys(): void }) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const session = useSession();
  const name = session.data && capitalised(whoInWords(session.data.name));
  const signOut = useSignOut();
  return (
    <Menu position="bottom-end" width={230}>
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          px="xs"
          leftSection={<IconUserCircle size={20} aria-hidden />}
          rightSection={<IconChevronDown size={14} aria-hidden />}
          className={classes.person}
        >
          <Box visibleFrom="sm">{name}</Box>
          <span className={`visually-hidden ${classes.narrow}`}>Account</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {name}
          <br />
          Role: {session.data?.role}
        </Menu.Label>
        <Menu.Divider />
        <Menu.Label>Colours</Menu.Label>
        <Menu.RadioGroup
          value={colorScheme}
          onChange={(chosen) => setColorScheme(SCHEMES.find(({ value }) => value === chosen)?.value ?? 'auto')}
        >
          {SCHEMES.map(({ value, label }) => (
            <Menu.RadioItem
              key={value}
              value={value}
              closeMenuOnClick
              // what has the focus is shaded: that is what is chosen
              data-autofocus={value === colorScheme || undefined}
            >
              {label}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item onClick={onShowKeys}>Keyboard shortcuts</Menu.Item>
        <Menu.Item component="a" href="/docs">
          API documents
        </Menu.Item>
        <Menu.Item onClick={() => signOut.mutate()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
