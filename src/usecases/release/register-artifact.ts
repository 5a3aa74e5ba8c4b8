import { err, ok } from "#core/result.ts";
import { horizonOf, questionSubject } from "#usecases/policy/ask-verdict.ts";
import type { Operations } from "#usecases/operations.ts";
import type { Transact } from "#usecases/records.ts";
import { invokerOf } from "#usecases/release/request-deployment.ts";

export interface RegisterArtifactDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
}

/** Makes an immutable (service, version, digest) known. The same again is no change; another digest is refused. */
export function makeRegisterArtifact(deps: RegisterArtifactDeps): Operations["registerArtifact"] {
  return (input, call) =>
    deps.transact(async (records) => {
      const at = deps.now();
      const subject = questionSubject({
        service: input.service,
        version: input.version,
        environment: "",
        action: "deploy",
      });
      const { service, people } = await records.facts.load(subject, at, horizonOf(at));
      if (service === null) return err("no-such-service");
      const { person, account } = call.actor;
      // Without another name it is the work of whoever registers it: somebody has to be barred from approving it.
      const author = input.author ?? person;
      // A pipeline names the author it knows; a person who names somebody else has had it in hand all the same.
      const registeredBy = invokerOf(people, account) === "person" ? person : undefined;
      const artifact = {
        service: input.service,
        version: input.version,
        digest: input.digest,
        registeredAt: at,
        author,
        registeredBy,
      };
      const outcome = await records.artifacts.register(artifact);
      if (outcome === "conflict") return err("version-is-immutable");
      if (outcome === "known") return ok(outcome);
      await records.deployments.wake(null, at);
      await records.audit.append({
        at,
        actor: call.actor,
        action: "artifact.register",
        object: `${input.service}@${input.version}`,
        outcome,
        reason: null,
        verdict: null,
        requestId: call.requestId,
        before: null,
        after: { digest: input.digest, author, registeredBy: registeredBy ?? null },
      });
      return ok(outcome);
    });
}
