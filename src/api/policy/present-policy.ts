import type { z } from "zod";
import type { DeepReadonly } from "#api/handler.ts";
import type { backtestPage, policyCaseResult, policyLine } from "#contract/policy.ts";
import type { BacktestChange, BacktestPage, PolicyCaseResult, PolicyLine } from "#usecases/policy/policy-operations.ts";

type WireLine = DeepReadonly<z.input<typeof policyLine>>;
type WireCase = DeepReadonly<z.input<typeof policyCaseResult>>;
type WirePage = DeepReadonly<z.input<typeof backtestPage>>;

export function presentPolicy({ policy, ...line }: PolicyLine): WireLine {
  return {
    name: line.name,
    level: policy?.level ?? null,
    owner: policy?.owner ?? null,
    scope: policy?.scope ?? null,
    version: line.version,
    appliedAt: line.appliedAt.toString(),
    appliedBy: line.appliedBy,
    from: policy?.from?.toString() ?? null,
    until: policy?.until?.toString() ?? null,
    inForce: line.isInForce,
    unreadable: line.unreadable,
    serviceCount: line.services.length,
    rules: line.rules,
    clauses: policy?.settings.clauses.length ?? 0,
    bounds: policy?.bounds ?? [],
  };
}

export function presentCase({ appliedAt, question, ...result }: PolicyCaseResult): WireCase {
  return { ...result, appliedAt: appliedAt.toString(), question: question === null ? null : questionOf(question) };
}

function questionOf({ subject, at }: NonNullable<PolicyCaseResult["question"]>): WireCase["question"] {
  const { service, version, environment, action, class: changeClass } = subject;
  return { service, version, environment, action, class: changeClass, at: at.toString() };
}

export function presentBacktest(page: BacktestPage): WirePage {
  return { ...page, changes: page.changes.map(presentChange) };
}

function presentChange({ at, wasOpensAt, wouldOpensAt, ...change }: BacktestChange): WirePage["changes"][number] {
  return {
    ...change,
    at: at.toString(),
    wasOpensAt: wasOpensAt?.toString() ?? null,
    wouldOpensAt: wouldOpensAt?.toString() ?? null,
  };
}
