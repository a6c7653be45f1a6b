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
