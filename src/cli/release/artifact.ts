import { answered, connect } from "#cli/io.ts";
import { renderObject } from "#cli/output.ts";
import type { AddCommand } from "#cli/command.ts";
import { parseSubject } from "#cli/subject.ts";

interface Flags {
  readonly digest: string;
  readonly author?: string;
}

export const artifact: AddCommand = (program, io) => {
  program
    .command("artifact")
    .description("What can be deployed: immutable versions with their digests")
    .command("register <service@version>")
    .description("Make a version known; the same again changes nothing, another digest is refused")
    .requiredOption("--digest <digest>", "sha256: and 64 hexadecimal digits")
    .option("--author <person>", "who wrote it: neither they nor whoever registers it by hand approve it")
    .addHelpText("after", "\nExample:\n  tidegate artifact register cart@1.2.0 --digest sha256:… --author chen")
    .action(async (text: string, flags: Flags) => {
      const body = { ...parseSubject(text), digest: flags.digest, author: flags.author ?? null };
      const known = answered(await connect(io).registerArtifact({ body })).body;
      const name = `${known.service}@${known.version}`;
      io.write(renderObject(io.format(), known, () => `${name} is ${known.digest}.\n`, name));
    });
};
