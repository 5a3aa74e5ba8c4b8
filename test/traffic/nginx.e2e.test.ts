import { conformsAsTrafficDriver } from "#agent/traffic/conformance.ts";
import { notRun, openTrafficBench } from "#test/traffic/bench.ts";

conformsAsTrafficDriver("nginx", () => openTrafficBench("nginx"), notRun("nginx"));
