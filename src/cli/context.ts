import { ApiClient } from './api-client';
import { Printer } from './print';
import { currentSignIn } from './sign-in';
import { EXIT, type ExitCode, type World } from './world';

/** What the commands of one command line work with. */
export class Context {
  /** How the command line ends, unless an error ends it. */
  exitCode: ExitCode = EXIT.ok;

  /** @param isJson whether `--json` was given, known once the command line has been read */
  constructor(
    readonly world: World,
    private readonly isJson: () => boolean,
  ) {}

  get print(): Printer {
    return new Printer(this.world, this.isJson());
  }

  /** @throws CliError when nobody is signed in */
  async client(): Promise<ApiClient> {
    return new ApiClient(await currentSignIn(this.world));
  }
}
