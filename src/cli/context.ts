import { ApiClient } from './api-client';
import { Printer } from './print';
import { currentSignIn } from './sign-in';
import { type CliError, EXIT, type ExitCode, type World } from './world';

/** What the commands of one command line work with. */
export class Context {
  /** How the command line ends, unless an error ends it. */
  exitCode: ExitCode = EXIT.ok;

  /** @param isJson whether `--json` was given */
  constructor(
    readonly world: World,
    private readonly isJson: boolean,
  ) {}

  get print(): Printer {
    return new Printer(this.world, this.isJson);
  }

  /** Tells of an error that does not end the command line, but gives it its exit code. */
  fail(error: CliError): void {
    this.print.error(error);
    this.exitCode = error.exitCode;
  }

  /** @throws CliError when nobody is signed in */
  async client(): Promise<ApiClient> {
    return new ApiClient(await currentSignIn(this.world));
  }
}
