"""The package that Genvej's rules and scripts share. Inside a Snakefile: `from workflow.x import y`, never `import workflow`."""
