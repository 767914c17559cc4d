/** What the address's hash shows. */
export type Route =
  | { readonly page: "network" }
  | { readonly page: "metagraph" }
  /** `epoch`: whose receipt is open. */
  | { readonly page: "neuron"; readonly neuronId: string; readonly epoch: number | undefined }
  /** `round` undefined: the last that is over. */
  | { readonly page: "round"; readonly round: number | undefined }
  | { readonly page: "text" }
  | { readonly page: "stake"; readonly neuronId: string | undefined }
  | { readonly page: "unknown" };

/** Reads a hash such as `#/neuron/7/3`. Ids and numbers are decimal; anything else is `unknown`. */
export function routeOf(hash: string): Route {
  const [page = "", ...rest] = hash
    .replace(/^#?\/?/, "")
    .replace(/\/$/, "")
    .split("/");
  const [first, second] = rest;
  if (rest.some((part) => !isWhole(part))) return { page: "unknown" };
  switch (`${page}/${rest.length}`) {
    case "/0":
      return { page: "network" };
    case "metagraph/0":
      return { page: "metagraph" };
    case "neuron/1":
    case "neuron/2":
      return { page: "neuron", neuronId: first, epoch: second === undefined ? undefined : Number(second) };
    case "round/0":
    case "round/1":
      return { page: "round", round: first === undefined ? undefined : Number(first) };
    case "text/0":
      return { page: "text" };
    case "stake/0":
    case "stake/1":
      return { page: "stake", neuronId: first };
    default:
      return { page: "unknown" };
  }
}

/** The hash that `routeOf` reads as `route`. */
export function hrefOf(route: Route): string {
  switch (route.page) {
    case "network":
      return "#/";
    case "neuron":
      return `#/neuron/${route.neuronId}${route.epoch === undefined ? "" : `/${route.epoch}`}`;
    case "round":
      return route.round === undefined ? "#/round" : `#/round/${route.round}`;
    case "stake":
      return route.neuronId === undefined ? "#/stake" : `#/stake/${route.neuronId}`;
    default:
      return `#/${route.page}`;
  }
}

/** Whole numbers that JavaScript holds exactly, as they are usually written. */
function isWhole(text: string): boolean {
  return /^(0|[1-9]\d{0,14})$/.test(text);
}
