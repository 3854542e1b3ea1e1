import { defineConfig } from 'vite';

export default defineConfig({
  // The server embeds the folder and serves it below this path; index.html at /graphql itself.
  base: '/graphql/assets/',
  build: {
    outDir: 'dist',
    assetsDir: '.',
    emptyOutDir: true,
    sourcemap: false,
    target: 'es2022',
    // The editor and the languages it knows are big; they load once and are cached for good.
    chunkSizeWarningLimit: 6000,
    rolldownOptions: {
      onLog(level, log, handle) {
        // Libraries mark modules for React's server side, which there is none of here.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log);
      },
    },
  },
  worker: { format: 'es' },
});
