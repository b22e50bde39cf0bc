/** The chat edge under test, as the program that `CHAT_EDGE_BIN` names. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** Starts it with these flags on ports that the system chooses where they say nothing else; resolves with its addresses. */
export async function start(flags = ["--listen", "127.0.0.1:0"]) {
  const own = ["--api-listen", "127.0.0.1:0", "--web-listen", "127.0.0.1:0", "--store", "memory", "--log-json"];
  const edge = spawn(process.env.CHAT_EDGE_BIN, [...flags, ...own], { stdio: ["ignore", "ignore", "pipe"] });
  for await (const line of createInterface({ input: edge.stderr })) {
    const { addresses, api_address: api, web_address: web } = JSON.parse(line).fields;
    if (api === undefined) continue;
    // Nobody reads on; a full pipe would stop it.
    edge.stderr.resume();
    return { edge, port: Number(/:(\d+)\]$/.exec(addresses)[1]), api: `http://${api}`, web };
  }
  throw new Error("the chat edge ended");
}
