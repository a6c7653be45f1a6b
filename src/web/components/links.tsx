import { Anchor, type AnchorProps, Button, type ButtonProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { ComponentPropsWithRef } from 'react';

type LinkProps = Omit<ComponentPropsWithRef<'a'>, 'color' | 'style'>;

/** A link to another page, that looks like one. */
export const AnchorLink = createLink((props: AnchorProps & LinkProps) => <Anchor {...props} />);

/** A link to another page, that looks like a button. */
export const ButtonLink = createLink((props: ButtonProps & LinkProps) => <Button component="a" {...props} />);
