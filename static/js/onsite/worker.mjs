// The worker behind /onsite/: keeps the empty shell and its files, so that it opens without a network.
// What the shell shows is never here: tasks are in the browser's database, encrypted. A new worker waits
// until the pages of the old one are closed, so that no open page loses its files.
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";

// The list stands before this in the answer of /sw.js (inspections/views/shell.py).
precacheAndRoute(self.__SHELL, { cleanURLs: false, directoryIndex: null, ignoreURLParametersMatching: [/.*/] });
cleanupOutdatedCaches();
registerRoute(new NavigationRoute(createHandlerBoundToURL("/onsite/"), { allowlist: [/^\/onsite\/$/] }));
