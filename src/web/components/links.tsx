import { Anchor, type AnchorProps, Button, type ButtonProps } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { createLink } from '@tanstack/react-router';
import type { ComponentPropsWithRef, ReactNode } from 'react';

type LinkProps = Omit<ComponentPropsWithRef<'a'>, 'color' | 'style'>;

/** A link to another page, that looks like one. */
export const AnchorLink = createLink((props: AnchorProps & LinkProps) => <Anchor {...props} />);

/** A link to another page, that looks like a button. */
export const ButtonLink = createLink((props: ButtonProps & LinkProps) => <Button component="a" {...props} />);

interface OutsideLinkProps extends Pick<AnchorProps, 'size'> {
  href: string;
  children: ReactNode;
}

/** A link to a page of another system, in a tab of its own. */
export const OutsideLink = ({ href, children, size = 'sm' }: OutsideLinkProps) => (
  <Anchor href={href} target="_blank" rel="noreferrer" size={size}>
    {children} <IconExternalLink size={14} role="img" aria-label="(opens a new tab)" />
  </Anchor>
);
