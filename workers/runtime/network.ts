/** HTTP as the platform does it. Everything outside `runtime/` receives it. */
export const systemFetch = (url: URL, init: RequestInit): Promise<Response> => fetch(url, init);
