import { Fragment } from 'react';
import { AnchorLink } from '../../../components/links';

interface ExecutionLinkProps {
  id: string;
  /** Its number within its sync. */
  number: number;
  size?: 'xs' | 'sm';
  /** The tab of its page that is to be open; the records unless told. */
  tab?: 'problems';
  /** Begins a sentence. */
  isFirstWord?: boolean;
}

/** The way to an execution, within a sentence. */
export const ExecutionLink = ({ id, number, size = 'sm', tab, isFirstWord = false }: ExecutionLinkProps) => (
  <AnchorLink
    to="/executions/$executionId"
    params={{ executionId: id }}
    search={tab ? { tab } : {}}
    size={size}
    underline="always"
  >
    {isFirstWord ? 'Execution' : 'execution'} {number}
  </AnchorLink>
);

interface ExecutionLinksProps extends Pick<ExecutionLinkProps, 'size' | 'tab'> {
  executions: readonly Pick<ExecutionLinkProps, 'id' | 'number'>[];
}

/** The ways to several executions: `execution 1, execution 2 and execution 3` */
export const ExecutionLinks = ({ executions, ...look }: ExecutionLinksProps) =>
  executions.map(({ id, number }, index) => (
    <Fragment key={id}>
      {index > 0 && (index === executions.length - 1 ? ' and ' : ', ')}
      <ExecutionLink id={id} number={number} {...look} />
    </Fragment>
  ));
