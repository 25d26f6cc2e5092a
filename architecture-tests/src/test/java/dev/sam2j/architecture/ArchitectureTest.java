package dev.sam2j.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import dev.sam2j.Sam2jException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who may see whom, what applications see, and how full rooms may be. */
class ArchitectureTest {
    /** What modules see, by names of packages; {@code common} sees nothing, and only the command names a backend. */
    private static final Map<String, List<String>> SEES = Map.ofEntries(
            entry("configs", List.of("common")),
            entry("tensor", List.of("common")),
            entry("cpu", List.of("common", "tensor")),
            entry("cuda", List.of("common", "tensor")),
            entry("weights", List.of("common", "tensor")),
            entry("hiera", List.of("common", "configs", "tensor")),
            entry("heads", List.of("common", "configs", "tensor")),
            entry("memory", List.of("common", "configs", "tensor")),
            entry("predictors", List.of("common", "configs", "tensor", "weights", "hiera", "heads", "memory")),
            entry("training", List.of("common", "configs", "tensor", "weights", "hiera", "heads", "predictors")),
            entry("video", List.of("common", "predictors")),
            entry("cli", List.of("common", "configs", "tensor", "weights", "predictors", "training", "video", "cuda")));

    private static final JavaClasses OURS = ours();

    /** All classes but those of tests. */
    static JavaClasses ours() {
        return new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.sam2j");
    }

    @Test
    void modulesSeeOnlyModulesBelow() {
        LayeredArchitecture rule = layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage("dev.sam2j..")
                .layer("common")
                .definedBy("dev.sam2j", "dev.sam2j.common..")
                .whereLayer("common")
                .mayNotAccessAnyLayer();
        for (String module : SEES.keySet()) {
            rule = rule.layer(module).definedBy("dev.sam2j." + module + "..");
        }
        for (String module : SEES.keySet()) {
            rule = rule.whereLayer(module).mayOnlyAccessLayers(SEES.get(module).toArray(String[]::new));
        }
        rule.check(OURS);
    }

    @Test
    void onlyTheCpuBackendKnowsVectorsAndForeignFunctions() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.sam2j.cpu..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("jdk.incubator.vector..", "java.lang.foreign..")
                .check(OURS);
    }

    @Test
    void onlyTheCudaBackendKnowsJCuda() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.sam2j.cuda..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("jcuda..", "org.jcuda..")
                .check(OURS);
    }

    /** Between what users call and the rooms behind it both know each other. */
    @Test
    void internalRoomsOfAModuleKnowEachOtherInOneDirection() {
        DescribedPredicate<JavaClass> api = resideInAnyPackage(Api.PACKAGES.toArray(String[]::new));
        slices().matching("dev.sam2j.(*).(**)")
                .should()
                .beFreeOfCycles()
                .ignoreDependency(api, alwaysTrue())
                .ignoreDependency(alwaysTrue(), api)
                .check(OURS);
    }

    @Test
    void exceptionsOfTheApiHaveOneAncestor() {
        classes()
                .that(are(Api.VISIBLE))
                .and()
                .areAssignableTo(Throwable.class)
                .should()
                .beAssignableTo(Sam2jException.class)
                .check(OURS);
    }

    @Test
    void theApiShowsOnlyItself() {
        classes().that(are(Api.VISIBLE)).should(Api.showOnlyTheApi()).check(OURS);
    }

    @Test
    void theApiDeclaresNoCheckedExceptions() {
        classes()
                .that(are(Api.VISIBLE))
                .should(Api.declareNoCheckedExceptions())
                .check(OURS);
    }

    @Test
    void theApiHasAtMostEightyPublicTypes() {
        List<String> types = OURS.stream()
                .filter(Api.VISIBLE.and(Api.TOP_LEVEL))
                .map(JavaClass::getName)
                .sorted()
                .toList();
        assertTrue(types.size() <= 80, () -> types.size() + " types: " + types);
    }

    @Test
    void packagesHoldAtMostTwentyFiveClasses() {
        Map<String, Long> full =
                OURS.stream().filter(Api.TOP_LEVEL).collect(groupingBy(JavaClass::getPackageName, counting()));
        full.values().removeIf(classes -> classes <= 25);
        assertEquals(Map.of(), full);
    }
}
