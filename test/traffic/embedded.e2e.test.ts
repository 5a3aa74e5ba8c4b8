import { conformsAsTrafficDriver } from "#agent/traffic/conformance.ts";
import { openTrafficBench } from "#test/traffic/bench.ts";

conformsAsTrafficDriver("embedded", () => openTrafficBench("embedded"));
