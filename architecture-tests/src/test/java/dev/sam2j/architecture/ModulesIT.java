package dev.sam2j.architecture;

import static java.util.stream.Collectors.toCollection;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import java.lang.module.Configuration;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Exports;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.lang.module.ResolvedModule;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The descriptors of the jars against what their classes use. */
class ModulesIT {
    private static final Configuration MODULES = resolve();

    /** Packages that a module's classes use, by module. */
    private static final Map<String, Set<String>> USES = uses();

    private static Configuration resolve() {
        ModuleFinder jars = ModuleFinder.of(Jars.ofAllModules().toArray(Path[]::new));
        List<String> names = jars.findAll().stream()
                .map(ModuleReference::descriptor)
                .map(ModuleDescriptor::name)
                .filter(name -> name.startsWith("dev.sam2j"))
                .toList();
        return ModuleLayer.boot().configuration().resolve(jars, ModuleFinder.of(), names);
    }

    private static Stream<ResolvedModule> ours() {
        return MODULES.modules().stream().filter(module -> module.name().startsWith("dev.sam2j"));
    }

    /** All but the command, which is a program and has no descriptor. */
    private static Stream<ResolvedModule> libraries() {
        return ours().filter(module -> !descriptor(module).isAutomatic());
    }

    private static Map<String, Set<String>> uses() {
        Map<String, Set<String>> uses = new TreeMap<>();
        for (JavaClass type : ArchitectureTest.ours()) {
            String module = ours().filter(m -> descriptor(m).packages().contains(type.getPackageName()))
                    .findFirst()
                    .orElseThrow()
                    .name();
            type.getDirectDependenciesFromSelf().stream()
                    .map(Dependency::getTargetClass)
                    .map(used -> used.getBaseComponentType().getPackageName())
                    .filter(used -> !used.isEmpty())
                    .forEach(uses.computeIfAbsent(module, name -> new TreeSet<>())::add);
        }
        return uses;
    }

    private static ModuleDescriptor descriptor(ResolvedModule module) {
        return module.reference().descriptor();
    }

    /** Packages that a module can use: its own, and what those it reads export to it. */
    private static Set<String> visible(ResolvedModule module) {
        Set<String> visible = new TreeSet<>(descriptor(module).packages());
        for (ResolvedModule read : module.reads()) {
            if (descriptor(read).isAutomatic()) {
                visible.addAll(descriptor(read).packages());
            }
            descriptor(read).exports().stream()
                    .filter(exports ->
                            !exports.isQualified() || exports.targets().contains(module.name()))
                    .map(Exports::source)
                    .forEach(visible::add);
        }
        return visible;
    }

    @Test
    void everyModuleReadsWhatItsClassesUse() {
        Map<String, Set<String>> missing = new TreeMap<>();
        libraries().forEach(module -> {
            Set<String> packages = new TreeSet<>(USES.get(module.name()));
            packages.removeAll(visible(module));
            if (!packages.isEmpty()) {
                missing.put(module.name(), packages);
            }
        });
        assertEquals(Map.of(), missing);
    }

    @Test
    void exportsToSomeModulesAreUsedByThem() {
        Set<String> unused = new TreeSet<>();
        ours().flatMap(module -> descriptor(module).exports().stream())
                .forEach(exports -> exports.targets().stream()
                        .filter(target -> !USES.get(target).contains(exports.source()))
                        .forEach(target -> unused.add(exports.source() + " to " + target)));
        assertEquals(Set.of(), unused);
    }

    @Test
    void theApiIsWhatIsExportedToAll() {
        Set<String> exported = libraries()
                .flatMap(module -> descriptor(module).exports().stream())
                .filter(exports -> !exports.isQualified())
                .map(Exports::source)
                .collect(toCollection(TreeSet::new));
        assertEquals(new TreeSet<>(Api.PACKAGES), exported);
    }
}
